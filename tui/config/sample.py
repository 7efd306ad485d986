"""The commented configuration that `config init` and the first screen write. A test holds that it can be read."""

from __future__ import annotations

from pathlib import Path

from tui.locations import create_private_file

SAMPLE = """\
# scantop's configuration. Fill in what you have and take the # away; `scantop config check` says what is wrong.
# Everything is in the README, part "Configuration". A token itself is best kept elsewhere: see the forms of `token`.

# [servers.prod]                                # the name is yours; addresses begin with it: prod:build/app/412
# kind = "xray"                                 # xray | threadfix | codeinsight
# url = "https://acme.example.com"              # with or without /xray, /artifactory, a trailing slash
# token = { env = "JF_ACCESS_TOKEN" }           # or { command = ["pass", "show", "jfrog"] },
#                                               # { file = "~/.secrets/jf" }, { keyring = "scantop/prod" },
#                                               # { jfrog_cli = "acme" }
# user = "me"                                   # basic auth: token is then the password
# ca_file = "/etc/ssl/acme.pem"                 # a private certificate authority
# read_only = true                              # nothing on this server can be changed from here

# [servers.tf]
# kind = "threadfix"
# url = "https://threadfix.example.com/threadfix"
# token = { env = "THREADFIX_API_KEY" }
# api_version = "latest"

# [servers.sca]
# kind = "codeinsight"
# url = "http://sca.example.com:8888"
# allow_http = true                             # plain http: everybody on the way can read the token
# token = { file = "~/.secrets/codeinsight" }
# timezone = "America/Chicago"                  # its times carry no zone

# [[watch]]
# server = "prod"
# build = "my-build"
# number = "1"                                  # or latest = 5: the newest five, looked up again as builds come
# project = "my-project"
# deadline = "45m"                              # after its run began; or by = "17:30"

# [[watch]]
# server = "prod"
# artifact = "docker-local/desktop-storage/1.0/manifest.json"

# [[watch]]
# server = "tf"
# application = 6
# pending_scan = 41

# [[watch]]
# server = "sca"
# jobs = { status = "Active", type = "Project Scan", history_days = 7, limit = 25 }

# [[watch]]
# target = "prod:build/other/12"                # any address will do

# [poll]
# active = "5s"                                 # a target that waits or runs
# settled = "5m"                                # one that has ended
# grace = "5m"                                  # how long a new target may be missing
# concurrency = 6                               # requests at once, per server
# stuck = "2h"                                  # what waits or runs longer is stuck, until usual times are known

# [ui]
# theme = "scantop-dark"
# keymap = { "poll.refresh" = "f5" }            # `scantop keys` prints every command
# forget_after = "7d"                           # what ended so long ago is watched no longer; never by default
# notify = "osc9"                               # how `w` tells an end: bell (default), osc9, osc777, off

# [ui.filters]                                  # in the palette, and as `:saved failed`
# failed = "state:failed|stuck"

# [[tell]]                                      # who is told what; `scantop doctor --tell` sends a test message
# name = "failures"
# on = ["failed", "stuck", "overdue"]           # also done, partial, canceled, ended, missing
# when = "server:prod"                          # a filter, as it is typed after /
# quiet = "22:00-07:00"                         # held back until 07:00
# channel = ["bell", { command = ["notify-send", "{text}"] }, { webhook = { env = "HOOK_URL" } }]
"""


def write_sample(path: Path) -> None:
    """Write the sample to a new private file. Raises FileExistsError where there is a file, OSError otherwise."""
    create_private_file(path, SAMPLE)

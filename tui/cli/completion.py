"""``scantop completion bash|zsh|fish``: prints a script for the shell; ``completion words`` is what the script asks.

The scripts hold no names: they ask scantop, which knows every command and reads the config.
"""

from __future__ import annotations

import argparse

from tui.cli.exit_codes import ExitCode
from tui.cli.output import emit

WORD_CHARACTERS = 300  # of what a word is, beside it

BASH = r"""# bash completion for scantop
_scantop() {
    local word quoted
    COMPREPLY=()
    while IFS= read -r word; do
        printf -v quoted %q "$word"
        COMPREPLY+=("$quoted")
    done < <(scantop completion words --line "${COMP_LINE:0:COMP_POINT}" --breaks "$COMP_WORDBREAKS" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o bashdefault -o default -F _scantop scantop
"""

ZSH = r"""#compdef scantop
# zsh completion for scantop
_scantop() {
    local -a found
    found=("${(@f)$(scantop completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    found=("${(@)found:#}")
    if (( ! $#found )); then
        _files
        return
    fi
    local -a open=("${(@M)found:#*/}") whole=("${(@)found:#*/}")
    (( $#whole )) && compadd -- "$whole[@]"
    (( $#open )) && compadd -S '' -- "$open[@]"
}
if [[ $funcstack[1] == _scantop ]]; then
    _scantop "$@"
else
    compdef _scantop scantop
fi
"""

FISH = r"""# fish completion for scantop
function __scantop_words
    set -l before (commandline -opc)
    scantop completion words --describe -- $before[2..-1] (commandline -ct) 2>/dev/null
end
complete -c scantop -f -a '(__scantop_words)'
complete -c scantop -l config -r -F
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}

EPILOG = """\
examples:
  scantop completion bash > ~/.local/share/bash-completion/completions/scantop
  scantop completion zsh > ~/.zfunc/_scantop            (with fpath+=~/.zfunc before compinit in ~/.zshrc)
  scantop completion fish > ~/.config/fish/completions/scantop.fish
  source <(scantop completion bash)                     for this shell alone

What is offered: commands, flags and their choices, the names of your servers, and the targets that the config and the
watch list name. Files are read for it, no server is ever asked.
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "completion",
        help="print a completion script for bash, zsh or fish",
        description="Print a script that lets your shell complete scantop's commands, flags, servers and targets.",
        epilog=EPILOG,
    )
    shells = parser.add_subparsers(title="shells", metavar="SHELL", dest="shell", required=True)
    for shell in SCRIPTS:
        shells.add_parser(shell, help=f"for {shell}", description=f"Print the script for {shell}.", epilog=EPILOG)
    words = shells.add_parser(  # without help it is not listed: it is for the scripts
        "words", description="Print what may stand at the end of a command line, a word a line.", epilog=EPILOG
    )
    words.add_argument("--line", metavar="TEXT", help="the command line up to the cursor, as bash has it")
    words.add_argument("--breaks", metavar="CHARACTERS", default="", help="what bash breaks words at")
    words.add_argument("--describe", action="store_true", help="a tab and what the word is after each")
    words.add_argument("words", nargs="*", metavar="WORD", help="the words after `scantop`, the last one half typed")


def run(arguments: argparse.Namespace) -> int:
    """Print a script, or the words."""
    if arguments.shell == "words":
        return _words(arguments)
    emit(SCRIPTS[arguments.shell].rstrip("\n"))
    return ExitCode.FINE


def _words(arguments: argparse.Namespace) -> int:
    from tui.cli.completing import candidates, split_line
    from tui.cli.parser import build
    from tui.present.safe import clean

    words = list(arguments.words) if arguments.line is None else split_line(arguments.line)[1:]
    found = candidates(build(), words or [""])
    cut = _cut(words[-1] if words else "", arguments.breaks)
    # A name with a control character could not be typed anyway, and must not reach the terminal.
    lines = [
        each.word[cut:] + (f"\t{clean(each.words, WORD_CHARACTERS)}" if arguments.describe and each.words else "")
        for each in found
        if each.word.isprintable()
    ]
    if lines:
        emit("\n".join(lines))
    return ExitCode.FINE


def _cut(word: str, breaks: str) -> int:
    """bash replaces only what stands after the last of its word breaks: how much of the word stays as it is."""
    return max((word.rfind(sign) + 1 for sign in breaks if not sign.isspace() and sign not in "\"'"), default=0)

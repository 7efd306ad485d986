"""What ThreadFix sends, as pydantic models. Source: the vendor's page of the pending scan status, 2.5 to 3.0.

`modifiedDate` and `scanId` came with 2.7.7 and are absent before. `active` is a soft-delete mark and says nothing of
the scan; `responseCode` is always -1.
"""

from __future__ import annotations

from pydantic import Field

from tui.servers.wire import Flag, Loose, Moment, Whole, Wire, Word


class FileWire(Wire):
    """One uploaded file."""

    id: Whole = None
    name: Loose = Field(default=None, alias="originalName")


class PendingScanWire(Wire):
    """The object of the answer."""

    id: Whole = None
    status: Word = None
    is_error: Flag = Field(default=False, alias="error")
    error_message: Loose = Field(default=None, alias="errorMessage")
    message: Loose = Field(default=None, alias="scanMessage")
    app_id: Whole = Field(default=None, alias="appId")
    scan_id: Whole = Field(default=None, alias="scanId")
    type: Loose = None
    name: Loose = None
    time: Moment = None
    modified: Moment = Field(default=None, alias="modifiedDate")
    files: list[FileWire] | None = Field(default=None, alias="fileDataList")

"""The example answers of the vendors' documents, field for field. Any scenario answers most of them."""

from __future__ import annotations

from typing import Any

BUILD = ("my-build", "1", "my-project")
BUILD_MISSING_NUMBER = "3"
ARTIFACT = ("docker-local", "desktop-storage/1.0/manifest.json")
PENDING_SCAN = (6, 41)
REPORT = 1234
EXPOSURES_REPORT = 1235
JOB = 1234


def build_status() -> dict[str, Any]:
    """Xray, build scan status."""
    return {
        "overall": {"status": "DONE", "time": "2024-07-09T07:22:05Z"},
        "details": {
            "sca": {"status": "DONE", "time": "2024-07-09T07:22:04Z"},
            "contextual_analysis": {"status": "DONE", "time": "2024-07-09T07:22:04Z"},
            "violations": {"status": "DONE", "time": "2024-07-09T07:22:05Z"},
        },
    }


def artifact_status() -> dict[str, Any]:
    """Xray, artifact scan status."""
    at = "2024-05-16T07:57:35Z"
    return {
        "overall": {"status": "DONE", "time": "2024-07-04T07:05:51Z"},
        "details": {
            "sca": {"status": "DONE", "time": "2024-07-04T07:05:27Z"},
            "contextual_analysis": {"status": "DONE", "time": "2024-07-04T07:05:26Z"},
            "exposures": {
                "status": "DONE",
                "time": at,
                "categories": {
                    "iac": {"time": at, "status": "NOT_SUPPORTED"},
                    "secrets": {"time": at, "status": "DONE"},
                    "services": {"time": at, "status": "DONE"},
                    "applications": {"time": at, "status": "DONE"},
                },
            },
            "violations": {"status": "DONE", "time": "2024-07-04T07:05:51Z"},
        },
    }


def report() -> dict[str, Any]:
    """Xray, details of a report."""
    return {
        "id": REPORT,
        "name": "vul_report_1",
        "status": "completed",
        "total_artifacts": 1000,
        "num_of_processed_artifacts": 10,
        "progress": 1,
        "number_of_rows": 10,
        "start_time": "1970-01-01T02:00:00+02:00",
        "end_time_estimation": "1970-01-01T03:00:00+02:00",
        "author": "admin",
        "report_type": "vulnerability",
    }


def exposures_rows() -> list[dict[str, Any]]:
    """Xray, the one row of the content example that the fact file keeps."""
    return [
        {
            "category": "secrets",
            "jfrog_severity": "high",
            "exposures_id": "EXP-1235-00001",
            "description": "Plaintext API keys found",
            "file_path": "/exposures/req.secret.keys.py",
            "location": "Line Number: 2",
            "repository": "louis-vv18-exposures-report",
            "impacted_artifact": "docker://xnas:regular_louis_f42172",
            "cwe": "CWE-256",
            "evidence": "$gcyD6**********",
            "origin": "jfrog",
            "provider": "aws_access",
        }
    ]


def pending_scan() -> dict[str, Any]:
    """ThreadFix, pending scan status, 2.7.7 and later."""
    return {
        "message": "Scan Processing Completed. Statistics Update Queued.",
        "success": True,
        "responseCode": -1,
        "object": {
            "id": 2,
            "modifiedDate": 1570117773000,
            "active": True,
            "fileDataList": [{"id": 12, "originalName": "contoso.fpr"}],
            "appId": 6,
            "errorMessage": None,
            "status": "DONE",
            "error": False,
            "scanId": 12,
            "type": "upload",
            "name": "contoso.fpr",
            "time": 1570117773000,
            "scanMessage": "Scan Processing Completed. Statistics Update Queued.",
        },
    }


def pending_scan_old() -> dict[str, Any]:
    """ThreadFix, pending scan status before 2.7.7."""
    return {
        "message": "Generating Findings",
        "success": True,
        "responseCode": -1,
        "object": {
            "id": 41,
            "active": True,
            "fileDataList": [{"id": 56, "originalName": "WebGoat_Benchmark_ShortenedScan.ozasmt"}],
            "appId": 6,
            "errorMessage": None,
            "status": "FINDINGS_GENERATING",
            "error": False,
            "type": "upload",
            "name": "WebGoat_Benchmark_ShortenedScan.ozasmt",
            "time": 1490907959000,
            "scanMessage": "Generating Findings",
        },
    }


def job_schema() -> dict[str, Any]:
    """Code Insight, the job of the document: the inner objects are folded there, so they are empty here."""
    return {
        "id": 0,
        "jobType": "Project Branching",
        "project": {},
        "server": {},
        "status": "NEW",
        "triggeredBy": {},
        "queuedOn": "2017-10-24 13:04:26.0",
        "activatedOn": "2017-10-24 13:04:26.0",
        "completedOn": "2017-10-24 13:04:26.0",
        "jobDetails": "string",
        "error": "string",
    }


def job() -> dict[str, Any]:
    """Code Insight, the job as its schema's parts fill it."""
    return job_schema() | {
        "id": JOB,
        "jobType": "Project Scan",
        "project": {"id": 10, "name": "ePortal"},
        "server": {"id": 1, "name": "Core Server"},
        "status": "Completed",
        "triggeredBy": {"id": 3, "user": "admin"},
    }

"""scantop: top for security scans. The package owns nothing at import; see README's Design part."""

__version__ = "0.1.0"

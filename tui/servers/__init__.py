"""The servers that are asked, one folder a kind. Everything that speaks HTTP lives below this package."""

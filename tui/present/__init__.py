"""From records to rows of cells and lines of text. Knows the domain only: no wire, no polling, no toolkit."""

"""What every room of the town hall stands on; it contains no word of any one service."""

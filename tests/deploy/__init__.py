"""What an installation is made from, held to what it promises."""

"""English itself: where sentences end, how a letter is built, how names and facts read in a line."""

"""The rules, pure: no web, no SQL, no network, no clock, no template."""

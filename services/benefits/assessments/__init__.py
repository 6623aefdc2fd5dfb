"""How the section decides on an application, and why."""

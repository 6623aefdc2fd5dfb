"""What a person lets an application do: asked in plain words, remembered, and taken back."""

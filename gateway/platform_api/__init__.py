"""What the gateway itself answers: who takes part, who you are, who looked, what is taken back."""

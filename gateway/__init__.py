"""The one door of the house.

Who somebody is: `signin`, `officials` (a municipality's own directory), `businesses`, `duties`,
`bindings` and `counter` (which record of the register), `signatures` (the card's).
For whom they act: `representations` (the rules), `mandates` (the office for them).
Where they act who are another office's: `assistance` (the rules), `prefectures` (the office for
them, and the `figures` that go beyond a municipality).
What is given to whom: `clients`, `vendors`, `grants`, `authorization`, `dpop`, `consent`.
How it ends: `logout`, `revocations`; and sessions of browsers in `frontends`.
Who takes part, and in what: `memberships`. What is open: `switches` and `agreements`, all read by
way of the `bulletin`. Who came:
`access_logs`, `transparency` (what a resident is shown of it), `standing`, `directory`.
Two halves answer: the `desk`, before anybody has a token, and the `office`, with one.
Everything else carries requests: `server` and `express` at the front, `forwarding` at the back.
"""

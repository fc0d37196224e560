"""What the rest of the program needs of a store, in terms of records. `store/sqlite` implements it.

A session belongs to one front, whose writes name the token of the session. The token only grows: a front
that takes the session over makes it grow, so that a late write of the front before it changes nothing.

Moments named `now`, `until` and `expires_at` say which clock they are of. Every method raises
StoreUnavailable if the store cannot be used. A write has reached the disk when its method returns.
"""

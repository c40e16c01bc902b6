"""Topics that a lookup has no entry for, made by an endpoint of the user's own. Off unless `provisioner` is set.

How topics are created at the vendor is not described anywhere public (docs/vendor.md #27), so nothing here knows how.
"""

//! Files of `/proc` as the guest must see them.

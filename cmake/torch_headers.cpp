// Nothing but a reason for the precompiled header of LibTorch to exist.

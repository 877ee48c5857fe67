#pragma once

#include <unistd.h>

#include <cstdlib>

namespace purvey::bad_input {

/// Data of these tests lies in memory where there is room for it: what a disk does to it is not
/// asked here, and a busy one would take most of the time.
inline const bool kDataInMemory =
    access("/dev/shm", W_OK) == 0 && setenv("TMPDIR", "/dev/shm", 0) == 0;

}  // namespace purvey::bad_input

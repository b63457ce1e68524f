// Ctrl-C, where what was begun is first to be put right: from `go_on` on, only what comes after it counts.
#pragma once

#include <atomic>

#include "cli/context.h"

namespace msctl::cli::cluster {

class Interruption {
public:
  explicit Interruption(Signals& signals) : signals_(signals) {}

  // Asked from several threads, and between any two requests.
  bool came() {
    if (!heard_) return signals_.interrupted();
    if (signals_.take()) again_ = true;
    return again_;
  }

  void go_on() {
    while (signals_.take()) {
    }
    heard_ = true;
  }

private:
  Signals& signals_;
  std::atomic<bool> heard_{false}, again_{false};
};

}  // namespace msctl::cli::cluster

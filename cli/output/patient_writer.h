// Writing to a descriptor whose reader may be slow, or may have stopped reading: the writer waits for it, but
// can be told from another thread that there is no more time.
#pragma once

#include <atomic>
#include <string_view>

namespace msctl::cli::output {

class PatientWriter {
public:
  explicit PatientWriter(int descriptor) : descriptor_(descriptor) {}

  // Everything, unless the reader is gone, or takes nothing for a second after end_soon(): then the rest is
  // dropped.
  void write(std::string_view text);

  // From any thread.
  void end_soon() { ending_ = true; }

private:
  bool wait_for_room();

  int descriptor_;
  bool gone_ = false;
  std::atomic<bool> ending_{false};
};

}  // namespace msctl::cli::output

// Bytes into lines, with a bound: a "line" that does not end is cut every kLongestLine bytes, so that binary
// output and progress bars cost no memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace msctl::local {

class LineSplitter {
public:
  static constexpr std::size_t kLongestLine = 64 * 1024;

  // Calls `line(std::string_view)` for each line without its end ("\n" or "\r\n"). Complete lines are not
  // copied.
  template <class Line>
  void feed(std::string_view bytes, Line line) {
    while (!bytes.empty()) {
      std::size_t end = bytes.find('\n');
      std::string_view part = bytes.substr(0, end);
      if (end == std::string_view::npos && kept_.size() + part.size() < kLongestLine) {
        kept_.append(part);
        return;
      }
      std::size_t room = kLongestLine - kept_.size();
      bool cut = part.size() > room;
      part = part.substr(0, room);
      bytes.remove_prefix(cut || end == std::string_view::npos ? part.size() : part.size() + 1);
      if (kept_.empty()) {
        line(without_return(part));
      } else {
        kept_.append(part);
        line(without_return(kept_));
        kept_.clear();
      }
    }
  }

  // What stands after the last line's end, at the end of the stream.
  template <class Line>
  void finish(Line line) {
    if (!kept_.empty()) line(without_return(kept_));
    kept_.clear();
  }

private:
  static std::string_view without_return(std::string_view text) {
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
  }
  std::string kept_;
};

}  // namespace msctl::local

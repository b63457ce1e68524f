// A stream cut into lines, with a bound on what is kept of one.
#pragma once

#include <string>
#include <string_view>

namespace msctl::kubernetes::api {

class Lines {
public:
  explicit Lines(std::size_t longest) : longest_(longest) {}

  // Calls `line` with each whole line, without its end ("\n" or "\r\n"); a longer one is cut, and what is cut
  // is passed over. False as soon as `line` returns false.
  template <class Line>
  bool take(std::string_view bytes, const Line& line) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::string_view part = bytes.substr(0, end);
      // A line within one piece is not copied.
      if (end != std::string_view::npos && kept_.empty() && !cut_ && part.size() <= longest_) {
        was_cut_ = false;
        if (!line(bare(part))) return false;
      } else {
        keep(part);
        if (end != std::string_view::npos && !finish(line, true)) return false;
      }
      if (end == std::string_view::npos) return true;
      bytes.remove_prefix(end + 1);
    }
    return true;
  }

  // What stands at the end without a line break, unless it is nothing.
  template <class Line>
  bool finish(const Line& line, bool even_if_empty = false) {
    const std::string whole = std::move(kept_);
    kept_.clear();
    was_cut_ = cut_;
    cut_ = false;
    return (whole.empty() && !even_if_empty) || line(bare(whole));
  }

  bool was_cut() const { return was_cut_; }  // the line that was told last
  bool overflows() const { return cut_; }    // the line that is being read

private:
  static std::string_view bare(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
  void keep(std::string_view part) {
    const std::size_t room = longest_ - kept_.size();
    cut_ = cut_ || part.size() > room;
    kept_.append(part.substr(0, room));
  }

  std::size_t longest_;
  std::string kept_;
  bool cut_ = false, was_cut_ = false;
};

}  // namespace msctl::kubernetes::api

#include "runtime/prometheus/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <set>

namespace msctl::prometheus {
namespace {

constexpr std::array<std::string_view, 5> types{"counter", "gauge", "histogram", "summary", "untyped"};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool continues_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9');
}

// One line, taken from its front. Each function that fails leaves a reason in `why`.
class Line {
public:
  explicit Line(std::string_view text) : rest_(text) {}

  const std::string& why() const { return why_; }
  bool at_end() const { return rest_.empty(); }
  char next() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool skip_blanks() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    return rest_.size() < before;
  }

  bool take(char c) {
    if (next() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // `colons`: names of metrics may have them, those of labels not.
  std::optional<std::string> name(bool colons, std::string_view of) {
    std::size_t size = 0;
    while (size < rest_.size() && ((colons && rest_[size] == ':') ||
                                   (size == 0 ? begins_name(rest_[size]) : continues_name(rest_[size]))))
      ++size;
    if (size == 0) return fail(fmt::format("the name of a {} is missing", of));
    return cut(size);
  }

  std::string word() {
    return cut(static_cast<std::size_t>(std::ranges::find_if(rest_, is_blank) - rest_.begin()));
  }

  std::optional<Labels> labels() {
    Labels out;
    if (!take('{')) return out;
    for (;;) {
      skip_blanks();
      if (take('}')) return out;
      if (!out.empty() && !separated_) return fail_labels("a comma is missing between two labels");
      auto label = name(false, "label");
      if (!label) return std::nullopt;
      skip_blanks();
      if (!take('=')) return fail_labels(fmt::format("the label {} has no value", *label));
      skip_blanks();
      auto value = quoted();
      if (!value) return std::nullopt;
      if (!out.emplace(*label, *std::move(value)).second)
        return fail_labels(fmt::format("the label {} is there twice", *label));
      skip_blanks();
      separated_ = take(',');
    }
  }

  std::optional<double> number() {
    const std::string text = word();
    if (text == "+Inf" || text == "Inf") return std::numeric_limits<double>::infinity();
    if (text == "-Inf") return -std::numeric_limits<double>::infinity();
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    const bool plus = text.starts_with('+') && !text.starts_with("+-");
    const char* begin = text.data() + (plus ? 1 : 0);
    const char* end = text.data() + text.size();
    double out = 0;
    const auto [stop, error] = std::from_chars(begin, end, out);
    // from_chars knows "inf" and "nan" in more ways than the format does.
    const bool is_word =
        begin != end && !(*begin == '-' || *begin == '.' || (*begin >= '0' && *begin <= '9'));
    const bool is_signed_word = end - begin > 1 && *begin == '-' && begins_name(begin[1]);
    if (error != std::errc() || stop != end || is_word || is_signed_word) {
      why_ = fmt::format("'{}' is no number", text);
      return std::nullopt;
    }
    return out;
  }

  // Milliseconds; what they are nobody here wants to know.
  bool timestamp() {
    const std::string text = word();
    std::int64_t out = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error == std::errc() && stop == text.data() + text.size()) return true;
    why_ = fmt::format("'{}' is no time", text);
    return false;
  }

private:
  std::optional<std::string> quoted() {
    if (!take('"')) return fail("the value of a label is not in quotes");
    std::string out;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return out;
      if (c != '\\') {
        out += c;
        continue;
      }
      const char escaped = next();
      if (escaped != '\\' && escaped != '"' && escaped != 'n')
        return fail("a backslash in a label stands before none of \\, \" and n");
      out += escaped == 'n' ? '\n' : escaped;
      rest_.remove_prefix(1);
    }
    return fail("the value of a label does not end");
  }

  std::string cut(std::size_t size) {
    std::string out(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return out;
  }
  std::optional<std::string> fail(std::string why) {
    why_ = std::move(why);
    return std::nullopt;
  }
  std::optional<Labels> fail_labels(std::string why) {
    why_ = std::move(why);
    return std::nullopt;
  }

  std::string_view rest_;
  std::string why_;
  bool separated_ = false;
};

class Reader {
public:
  base::Result<std::vector<Sample>> read(std::string_view page) {
    if (!page.empty() && page.back() != '\n')
      return wrong("the last one does not end: the page was cut short");
    while (!page.empty()) {
      ++number_;
      const std::size_t end = page.find('\n');
      if (auto ok = take(page.substr(0, end)); !ok) return std::unexpected(ok.error());
      page.remove_prefix(end + 1);
    }
    return std::move(samples_);
  }

private:
  base::Result<void> take(std::string_view text) {
    Line line(text);
    line.skip_blanks();
    if (line.at_end()) return {};
    if (line.take('#')) return comment(line);
    return sample(line);
  }

  // Of comments only those that say HELP or TYPE mean anything.
  base::Result<void> comment(Line& line) {
    if (!line.skip_blanks() || line.word() != "TYPE") return {};
    line.skip_blanks();
    auto name = line.name(true, "metric");
    if (!name) return wrong(line.why());
    line.skip_blanks();
    const std::string type = line.word();
    if (std::ranges::find(types, type) == types.end()) return wrong(fmt::format("'{}' is no type", type));
    if (!typed_.insert(*name).second) return wrong(fmt::format("{} has two types", *name));
    return {};
  }

  base::Result<void> sample(Line& line) {
    Sample out;
    auto name = line.name(true, "metric");
    if (!name) return wrong(line.why());
    line.skip_blanks();
    auto labels = line.labels();
    if (!labels) return wrong(line.why());
    line.skip_blanks();
    auto value = line.number();
    if (!value) return wrong(line.why());
    line.skip_blanks();
    if (!line.at_end() && !line.timestamp()) return wrong(line.why());
    line.skip_blanks();
    if (!line.at_end()) return wrong("something stands behind its time");
    out.name = *std::move(name);
    out.labels = *std::move(labels);
    out.value = *value;
    if (!series_.emplace(out.name, out.labels).second)
      return wrong(fmt::format("the same series of {} is there twice", out.name));
    samples_.push_back(std::move(out));
    return {};
  }

  std::unexpected<base::Error> wrong(const std::string& why) const {
    return base::fail(base::Code::badMetricsText,
                      number_ == 0 ? fmt::format("of the lines of a page of metrics {}", why)
                                   : fmt::format("line {} of a page of metrics: {}", number_, why));
  }

  int number_ = 0;
  std::vector<Sample> samples_;
  std::set<std::string> typed_;
  std::set<std::pair<std::string, Labels>> series_;
};

}  // namespace

const std::string& Sample::label(std::string_view wanted) const {
  static const std::string none;
  const auto found = labels.find(wanted);
  return found == labels.end() ? none : found->second;
}

base::Result<std::vector<Sample>> parse(std::string_view page) {
  return Reader().read(page);
}

}  // namespace msctl::prometheus

// The fields of a head as slices of the connection's buffer, in their order, with the names that the gateway
// treats specially recognised while parsing, so that nothing later compares strings.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace msctl::gateway::http1 {

inline constexpr std::size_t max_fields = 128;

enum class Name : std::uint8_t {
  other,
  host,
  date,
  content_length,
  transfer_encoding,
  expect,  // the gateway writes these itself
  connection,
  keep_alive,
  proxy_connection,
  proxy_authenticate,
  proxy_authorization,
  te,
  trailer,
  upgrade,
  http2_settings,
  forwarded,
  x_forwarded_for,
  x_forwarded_proto,
  x_forwarded_host,
  x_forwarded_port,
  x_forwarded_prefix,
  x_real_ip,
  x_forwarded_other,  // any other X-Forwarded-…
  x_request_id,
  traceparent,
  tracestate,
  identity,   // X-Consumer-*, X-Claim-*
  disguised,  // would be one of the above if its '_', '.', '~' … were '-', as CGI-like servers read it: never
              // forwarded
};

struct Field {
  std::string_view name;   // as sent; name.data() is where the line begins
  std::string_view value;  // without surrounding white space
  Name id = Name::other;
};

class Fields {
public:
  std::size_t size() const { return size_; }
  const Field& operator[](std::size_t index) const { return fields_[index]; }
  const Field* begin() const { return fields_.data(); }
  const Field* end() const { return fields_.data() + size_; }
  void clear() { size_ = 0; }
  // False when there are max_fields already.
  bool add(const Field& field) {
    if (size_ == max_fields) return false;
    fields_[size_++] = field;
    return true;
  }
  // The first of this name (any case), or nothing.
  const Field* find(std::string_view name) const;
  const Field* find(Name id) const;

private:
  std::array<Field, max_fields> fields_;
  std::size_t size_ = 0;
};

// What the gateway knows this name as.
Name classify(std::string_view name);

// ASCII, any case.
bool same_name(std::string_view a, std::string_view b);

// Calls `each(token)` for the elements of a comma-separated list, without the empty ones (RFC 9110
// section 5.6.1).
template <class Each>
void for_each_element(std::string_view list, Each&& each) {
  while (!list.empty()) {
    std::size_t comma = list.find(',');
    std::string_view element = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    while (!element.empty() && (element.front() == ' ' || element.front() == '\t')) element.remove_prefix(1);
    while (!element.empty() && (element.back() == ' ' || element.back() == '\t')) element.remove_suffix(1);
    if (!element.empty()) each(element);
  }
}

}  // namespace msctl::gateway::http1

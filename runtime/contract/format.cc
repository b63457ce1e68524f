#include "runtime/contract/format.h"

#include <arpa/inet.h>
#include <re2/re2.h>

#include <array>
#include <cstdlib>

namespace msctl::contract {
namespace {

bool is_date(const std::string& text) {
  static const RE2 form(R"((\d{4})-(\d{2})-(\d{2}))");
  int year = 0, month = 0, day = 0;
  if (!RE2::FullMatch(text, form, &year, &month, &day)) return false;
  static constexpr std::array<int, 12> days{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= (month == 2 && !leap ? 28 : days[static_cast<std::size_t>(month - 1)]);
}

// RFC 3339 section 5.6; a leap second is taken at any minute's end.
bool is_date_time(const std::string& text) {
  static const RE2 form(
      R"((\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d))");
  std::string date;
  return RE2::FullMatch(text, form, &date) && is_date(date);
}

bool is_uuid(const std::string& text) {
  static const RE2 form("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  return RE2::FullMatch(text, form);
}

bool is_email(const std::string& text) {
  static const RE2 form(R"([^@\s]+@[^@\s]+)");
  return RE2::FullMatch(text, form);
}

bool is_ipv4(const std::string& text) {
  in_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

// RFC 3986: a scheme, and only characters that may stand in a URI.
bool is_uri(const std::string& text) {
  static const RE2 form(R"([A-Za-z][A-Za-z0-9+.\-]*:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*)");
  return RE2::FullMatch(text, form);
}

bool is_uri_reference(const std::string& text) {
  static const RE2 form(R"([A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*)");
  return RE2::FullMatch(text, form);
}

}  // namespace

bool has_format(const std::string& value, std::string_view format) {
  if (format == "uuid") return is_uuid(value);
  if (format == "date") return is_date(value);
  if (format == "date-time") return is_date_time(value);
  if (format == "email") return is_email(value);
  if (format == "ipv4") return is_ipv4(value);
  if (format == "uri") return is_uri(value);
  if (format == "uri-reference") return is_uri_reference(value);
  return true;
}

}  // namespace msctl::contract

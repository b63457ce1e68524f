#include "gateway/server/compose.h"

#include <charconv>

#include "gateway/filters/problem/problem.h"

namespace msctl::gateway::server {
namespace {

using http1::Name;

constexpr std::size_t number_room = 20;

// Where a field's line ends: the next one begins there. The last one's ends where its value does, but for
// white space that was cut off and the line break.
std::string_view line_of(const http1::Field& field) {
  return {field.name.data(),
          static_cast<std::size_t>(field.value.data() + field.value.size() - field.name.data())};
}

// Runs of neighbouring fields that stay are one slice. The last line's end (white space, CR LF) is not in the
// head's fields, so each run ends with its last value, and the line break is a slice from here.
template <class Stays>
void add_runs(const http1::Fields& fields, Stays stays, Slices& slices) {
  std::size_t i = 0;
  while (i < fields.size()) {
    if (!stays(i)) {
      ++i;
      continue;
    }
    const char* begin = fields[i].name.data();
    std::size_t last = i;
    while (last + 1 < fields.size() && stays(last + 1)) ++last;
    std::string_view end = line_of(fields[last]);
    if (fields[last].value.data() == nullptr) end = {fields[last].name.data(), fields[last].name.size() + 1};
    slices.add({begin, static_cast<std::size_t>(end.data() + end.size() - begin)});
    slices.add("\r\n");
    i = last + 1;
  }
}

// Of the connection, or written anew by the gateway: whatever the filters said, these never pass through as
// they came.
bool written_anew(Name id) {
  switch (id) {
    case Name::host:
    case Name::content_length:
    case Name::transfer_encoding:
    case Name::expect:
    case Name::connection:
    case Name::keep_alive:
    case Name::proxy_connection:
    case Name::te:
    case Name::trailer:
    case Name::upgrade:
    case Name::http2_settings:
      return true;
    default:
      return false;
  }
}

void append_framing(Text& text, const http1::Body& body) {
  if (body.framing == http1::Framing::length) text << "Content-Length: " << body.length << "\r\n";
  if (body.framing == http1::Framing::chunked) text << "Transfer-Encoding: chunked\r\n";
}

bool named_by_connection(const http1::Fields& fields, const http1::Field& field) {
  bool named = false;
  for (const http1::Field& each : fields)
    if (each.id == Name::connection)
      http1::for_each_element(
          each.value, [&](std::string_view name) { named = named || http1::same_name(name, field.name); });
  return named;
}

std::string_view status_text(int status, char (&room)[3]) {
  room[0] = static_cast<char>('0' + status / 100 % 10);
  room[1] = static_cast<char>('0' + status / 10 % 10);
  room[2] = static_cast<char>('0' + status % 10);
  return {room, 3};
}

}  // namespace

Text& Text::operator<<(std::uint64_t number) {
  auto [end, error] = std::to_chars(room_.data() + size_, room_.data() + room_.size(), number);
  size_ = static_cast<std::size_t>(end - room_.data());
  return *this;
}

std::size_t size_of_added(const filters::Edits& edits) {
  std::size_t size = 0;
  for (const filters::Header& each : edits) size += each.name.size() + each.value.size() + 4;
  return size;
}

void append_added(Text& text, const filters::Edits& edits) {
  for (const filters::Header& each : edits) text << each.name << ": " << each.value << "\r\n";
}

void compose_request(const filters::Exchange& exchange, std::string_view host, std::string_view upgrade,
                     Slices& slices) {
  const http1::RequestHead& head = *exchange.head;
  if (!head.authority.empty()) host = head.authority;
  Text start(*exchange.arena,
             head.method.size() + exchange.upstream_path.size() + head.query.size() + host.size() + 32);
  start << head.method << " " << exchange.upstream_path;
  if (head.has_query) start << "?" << head.query;
  start << " HTTP/1.1\r\nHost: " << host << "\r\n";
  slices.add(start.done());

  add_runs(
      head.fields,
      [&](std::size_t i) { return !exchange.request.removed(i) && !written_anew(head.fields[i].id); },
      slices);

  Text end(*exchange.arena, size_of_added(exchange.request) + upgrade.size() + 128);
  append_added(end, exchange.request);
  append_framing(end, head.body);
  if (head.expect_continue) end << "Expect: 100-continue\r\n";
  if (!upgrade.empty()) end << "Connection: Upgrade\r\nUpgrade: " << upgrade << "\r\n";
  end << "\r\n";
  slices.add(end.done());
}

void compose_response(const filters::Exchange& exchange, const ResponseFraming& framing, Slices& slices) {
  const http1::ResponseHead& head = *exchange.response_head;
  char digits[3];
  Text start(*exchange.arena, head.reason.size() + 16);
  start << "HTTP/1.1 " << status_text(head.status, digits) << " " << head.reason << "\r\n";
  slices.add(start.done());

  const http1::Field* length = framing.length_stays ? head.fields.find(Name::content_length) : nullptr;
  bool upgrade = framing.connection == Connecting::upgrade;
  add_runs(
      head.fields,
      [&](std::size_t i) { return !exchange.response.removed(i) && !written_anew(head.fields[i].id); },
      slices);

  const http1::Field* protocol = upgrade ? head.fields.find(Name::upgrade) : nullptr;
  Text end(*exchange.arena,
           size_of_added(exchange.response) + (protocol != nullptr ? protocol->value.size() : 0) +
               (length != nullptr ? length->value.size() : 0) + framing.date.size() + number_room + 136);
  append_added(end, exchange.response);
  if (!framing.date.empty() && head.fields.find(Name::date) == nullptr &&
      !exchange.response.has_added("Date"))
    end << "Date: " << framing.date << "\r\n";
  append_framing(end, framing.body);
  if (length != nullptr) end << "Content-Length: " << length->value << "\r\n";
  if (framing.connection == Connecting::close) end << "Connection: close\r\n";
  if (framing.connection == Connecting::keep_stated) end << "Connection: keep-alive\r\n";
  if (upgrade) end << "Connection: Upgrade\r\n";
  if (protocol != nullptr) end << "Upgrade: " << protocol->value << "\r\n";
  end << "\r\n";
  slices.add(end.done());
}

void compose_interim(const http1::ResponseHead& head, filters::Arena& arena, Slices& slices) {
  char digits[3];
  Text start(arena, head.reason.size() + 16);
  start << "HTTP/1.1 " << status_text(head.status, digits) << " " << head.reason << "\r\n";
  slices.add(start.done());
  add_runs(
      head.fields,
      [&](std::size_t i) {
        const http1::Field& field = head.fields[i];
        return !written_anew(field.id) && field.id != Name::x_request_id &&
               !named_by_connection(head.fields, field);
      },
      slices);
  slices.add("\r\n");
}

}  // namespace msctl::gateway::server

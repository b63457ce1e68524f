#include "trace.h"

#include "item.h"
#include "tests/catch.h"

using namespace app;

TEST_CASE("a valid traceparent is continued with a span of our own") {
  const Trace trace = continue_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
  CHECK(trace.trace_id == "0af7651916cd43dd8448eb211c80319c");
  CHECK(trace.span_id.size() == 16);
  CHECK(trace.span_id != "b7ad6b7169203331");
  CHECK(traceparent(trace) == "00-0af7651916cd43dd8448eb211c80319c-" + trace.span_id + "-00");
}

TEST_CASE("an invalid traceparent begins a new trace") {
  for (const char* header : {"", "x", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                             "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                             "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                             "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                             "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"}) {
    const Trace trace = continue_trace(header);
    CHECK(trace.trace_id.size() == 32);
    CHECK(trace.trace_id != "0af7651916cd43dd8448eb211c80319c");
  }
}

TEST_CASE("an id is a UUID of version 7, and ids do not repeat") {
  const std::string id = new_id();
  CHECK(is_valid_id(id));
  CHECK(id[14] == '7');
  CHECK(std::string("89ab").find(id[19]) != std::string::npos);
  CHECK(new_id() != id);
  for (const char* text : {"", "1", "../etc", "0190163D-8694-739B-AEA5-966C26F8AD91"})
    CHECK_FALSE(is_valid_id(text));
}

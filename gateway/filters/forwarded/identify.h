// Who asks, and what this request is called: found before routing, so that a refusal has a request id too.
#pragma once

#include "gateway/filters/exchange.h"

namespace msctl::gateway::filters {

// Fills trusted, client, client_address, request_id, trace_id, traceparent and trace_continued.
//
// The client is the peer, unless that is a trusted proxy: then X-Forwarded-For (or, without it, Forwarded) is
// read from the right for as long as its entries are trusted proxies too; the first that is not is the
// client. Entries left of it are hearsay.
void identify(const Networks& trusted, Exchange& exchange);

}  // namespace msctl::gateway::filters

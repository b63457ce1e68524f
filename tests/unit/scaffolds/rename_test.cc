#include "scaffolds/rename.h"

#include "tests/catch.h"

using msctl::scaffolds::forms_of;
using msctl::scaffolds::rename;

namespace {

std::string as(const std::string& name, std::string_view text) {
  return rename(text, {{forms_of("sample-service"), forms_of(name)}});
}

}  // namespace

TEST_CASE("each form of the sentinel becomes the same form of the name") {
  CHECK(as("order-api", "sample-service sample_service SampleService sampleService SAMPLE_SERVICE") ==
        "order-api order_api OrderApi orderApi ORDER_API");
  CHECK(as("orders", "sample-service sample_service SampleService sampleService SAMPLE_SERVICE") ==
        "orders orders Orders orders ORDERS");
}

TEST_CASE("only whole words are renamed") {
  for (std::string text :
       {"sample-services", "resample_service", "SampleServices", "sampleServices", "xsampleService",
        "SAMPLE_SERVICES", "sample service", "sample", "service", "sample-servic"})
    CHECK(as("orders", text) == text);
}

TEST_CASE("words joined to others by punctuation or by a hump are whole") {
  CHECK(as("orders", "sample_service_test.cc") == "orders_test.cc");
  CHECK(as("orders", "/sample-service/items") == "/orders/items");
  CHECK(as("orders", "NewSampleServiceClient") == "NewOrdersClient");
  CHECK(as("orders", "sampleServiceUrl") == "ordersUrl");
  CHECK(as("orders", "SAMPLE_SERVICE_URL") == "ORDERS_URL");
  CHECK(as("orders", "\"sample-service\":") == "\"orders\":");
  CHECK(as("orders", "sample-servicesample-service") == "sample-servicesample-service");
}

TEST_CASE("a name that cannot be an identifier is bent where it would have to be one") {
  CHECK(as("class", "sample-service sample_service SampleService sampleService SAMPLE_SERVICE") ==
        "class class_ Class class_ CLASS");
  CHECK(as("2fa", "sample-service sample_service SampleService sampleService SAMPLE_SERVICE") ==
        "2fa s2fa S2fa s2fa 2FA");
}

TEST_CASE("what one renaming puts in is not renamed by another") {
  CHECK(rename("sample-service calls sample-need", {{forms_of("sample-service"), forms_of("sample-need")},
                                                    {forms_of("sample-need"), forms_of("sample-service")}}) ==
        "sample-need calls sample-service");
}

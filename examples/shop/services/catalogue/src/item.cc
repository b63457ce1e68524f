#include "item.h"

#include <chrono>

#include "trace.h"

namespace app {

std::string new_id() {
  // 48 bits of milliseconds, then 74 random bits around the version and the variant.
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  auto ms =
      static_cast<unsigned long long>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  std::string out = random_hex(16);
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 12; i-- > 0; ms >>= 4) out[i] = digits[ms & 15];
  out[12] = '7';
  out[16] = digits[8 + static_cast<std::size_t>(out[16] % 4)];
  for (const std::size_t at : {8U, 13U, 18U, 23U}) out.insert(at, 1, '-');
  return out;
}

bool is_valid_id(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace app

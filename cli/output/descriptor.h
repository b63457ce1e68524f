// A stream onto a file descriptor that remembers why writing failed: std::ostream only knows that it did.
#pragma once

#include <ostream>
#include <streambuf>
#include <vector>

namespace msctl::cli::output {

class DescriptorBuffer final : public std::streambuf {
public:
  explicit DescriptorBuffer(int descriptor, std::size_t size = std::size_t{64} * 1024);
  // errno of the first write that failed, 0 if none has.
  int error() const { return error_; }

protected:
  int_type overflow(int_type c) override;
  int sync() override;
  std::streamsize xsputn(const char* text, std::streamsize count) override;

private:
  bool drain();
  bool write_all(const char* text, std::size_t count);

  int descriptor_;
  int error_ = 0;
  std::vector<char> buffer_;
};

}  // namespace msctl::cli::output

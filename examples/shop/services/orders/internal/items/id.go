package items

import (
	"crypto/rand"
	"encoding/hex"
	"regexp"
	"time"
)

var idPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// NewID makes a UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then 74 random
// bits. It cannot be guessed, and ids sort by age, which is the order of lists.
func NewID(now time.Time) string {
	var id [16]byte
	if _, err := rand.Read(id[6:]); err != nil {
		panic(err) // the operating system has no randomness: nothing sensible is left to do
	}
	ms := uint64(now.UnixMilli())
	for i := 0; i < 6; i++ {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80

	text := hex.EncodeToString(id[:])
	return text[0:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:32]
}

// ValidID says whether the text has the form of an id; what has not needs no look into the store.
func ValidID(text string) bool {
	return idPattern.MatchString(text)
}

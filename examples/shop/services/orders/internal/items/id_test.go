package items

import (
	"testing"
	"time"
)

func TestNewIDIsAVersion7UUID(t *testing.T) {
	id := NewID(time.UnixMilli(0x0123456789ab))
	if !ValidID(id) {
		t.Fatalf("%s is not a UUID", id)
	}
	if id[:13] != "01234567-89ab" {
		t.Errorf("%s does not begin with the time", id)
	}
	if id[14] != '7' {
		t.Errorf("%s is not of version 7", id)
	}
	if variant := id[19]; variant != '8' && variant != '9' && variant != 'a' && variant != 'b' {
		t.Errorf("%s has variant %c", id, variant)
	}
}

func TestNewIDSortsByTimeAndNeverRepeats(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	if older, newer := NewID(now), NewID(now.Add(time.Millisecond)); older >= newer {
		t.Errorf("%s does not sort before %s", older, newer)
	}
	seen := map[string]bool{}
	for i := 0; i < 1000; i++ {
		seen[NewID(now)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d different ids of 1000", len(seen))
	}
}

func TestValidIDRefusesOtherText(t *testing.T) {
	for _, text := range []string{"", "1", "../etc", "0190163D-8694-739B-AEA5-966C26F8AD91"} {
		if ValidID(text) {
			t.Errorf("%q was taken as an id", text)
		}
	}
}

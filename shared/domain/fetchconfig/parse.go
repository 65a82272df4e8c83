package fetchconfig

import (
	"maps"
	"slices"
	"strings"
	"time"
)

const (
	defaultSecurityPolicy = "TransferSFTPConnectorSecurityPolicy-2024-03"
	// defaultSettle is what true stands for.
	defaultSettle = Duration(time.Minute)
)

// Parse reads a file. Its error is Mistakes, with all that are in it.
func Parse(text []byte) (*Server, error) {
	root, err := readTree(text)
	if err != nil {
		return nil, Mistakes{{Text: err.Error()}}
	}
	var mistakes Mistakes
	server := readServer(newReader("", root, &mistakes))
	if mistakes != nil {
		return nil, mistakes
	}
	return server, nil
}

// ParseSync reads what Sync.JSON returns. Its error is Mistakes.
func ParseSync(text []byte) (*Sync, error) {
	root, err := readTree(text)
	if err != nil {
		return nil, Mistakes{{Text: err.Error()}}
	}
	var mistakes Mistakes
	sync := readSync(newReader("", root, &mistakes), "")
	if mistakes != nil {
		return nil, mistakes
	}
	return &sync, nil
}

func readServer(r *reader) *Server {
	s := &Server{
		Name:        r.required("Name", "a name for the server"),
		Description: r.text("Description"),
		URL:         checkURL(r, r.required("Url", "the server's host name, and its port if that is not 22, like sftp.example.org:2222")),
	}
	s.SecurityPolicyName = checkSecurityPolicy(r, r.text("SecurityPolicyName"))
	s.PublicKey = checkHostKeys(r, r.texts("PublicKey"))
	s.Schedule = readSchedule(r)
	for _, each := range r.objects("SyncSettings") {
		s.SyncSettings = append(s.SyncSettings, readSync(each, s.Schedule))
	}
	checkUnique(r, s.SyncSettings)
	r.close()
	return s
}

// readSync reads a sync, with the schedule that it has without one of its own.
func readSync(r *reader, schedule Schedule) Sync {
	s := Sync{Name: r.text("Name")}
	local := r.object("LocalRepository")
	s.LocalRepository = LocalRepository{
		BucketName: checkBucket(local, local.required("BucketName", "the bucket that files are fetched to")),
		Prefix:     checkPrefix(local, local.text("Prefix")),
		KmsKeyARN:  checkKey(local, local.text("KmsKeyArn")),
	}
	local.close()
	remote := r.object("RemoteFolders")
	s.RemoteFolders = RemoteFolders{
		Folder:    checkFolder(remote, "Folder", remote.required("Folder", "the folder that files are fetched from, like /outgoing")),
		Recursive: remote.bool("Recursive"),
	}
	remote.close()

	if s.Schedule = readSchedule(r); s.Schedule == "" {
		s.Schedule = schedule
	}
	if place := r.at("Schedule"); s.Schedule == "" && !r.mistakes.at(place) && !r.mistakes.at("Schedule") {
		r.mistakes.add(place, `it is missing, here and for the whole server: give a tag like @daily, a cron of AWS, or "on-demand"`)
	}
	s.Include, s.Exclude = r.texts("Include"), r.texts("Exclude")
	readSettle(r, &s.Settle)
	s.Strip = readStrip(r, s.RemoteFolders.Folder)
	r.unmarshal("After", &s.After)
	r.unmarshal("MaxAge", &s.MaxAge)
	s.Deletions = Deletions(strings.ToLower(r.text("Deletions")))
	s.MaxDeletions = r.number("MaxDeletions")
	checkAfter(r, &s)
	checkDeletions(r, &s)
	checkName(r, &s)
	r.close()
	return s
}

func readSchedule(r *reader) Schedule {
	text := r.text("Schedule")
	if text == "" {
		return ""
	}
	schedule, err := ParseSchedule(text)
	if err != nil {
		r.mistakes.add(r.at("Schedule"), "%v", err)
	}
	return schedule
}

// readSettle reads a time, or true for the usual one.
func readSettle(r *reader, settle *Duration) {
	if n, _ := r.take("Settle"); n.kind != kindBool {
		r.unmarshal("Settle", settle)
	} else if n.value == true {
		*settle = defaultSettle
	}
}

// readStrip returns the beginning of remote paths that is left out: true is the whole folder.
func readStrip(r *reader, folder string) string {
	n, _ := r.take("Strip")
	switch n.kind {
	case "", kindNull:
		return ""
	case kindBool:
		if n.value == true {
			return folder
		}
		return ""
	case kindText:
		strip := checkFolder(r, "Strip", strings.TrimSpace(n.value.(string)))
		if folder != "" && strip != "" && !within(folder, strip) {
			r.mistakes.add(r.at("Strip"), "the folder %s does not begin with %s: give a folder that it is in, or true for the folder itself", folder, strip)
		}
		return strip
	}
	r.mistakes.add(r.at("Strip"), "it must be true, or a folder")
	return ""
}

// within reports whether a path is a folder, or in it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/")
}

// sortedFields returns fields in the order of their names.
func sortedFields(fields map[string]field) []field {
	var sorted []field
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		sorted = append(sorted, fields[key])
	}
	return sorted
}

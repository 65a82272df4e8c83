package fetchconfig

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	hostName       = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?$`)
	securityPolicy = regexp.MustCompile(`^TransferSFTPConnectorSecurityPolicy-[A-Za-z0-9-]+$`)
	bucketName     = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	kmsKeyARN      = regexp.MustCompile(
		`^arn:aws[a-z-]*:kms:[a-z]{2,}(-[a-z]+)+-\d:\d{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)
	blank = regexp.MustCompile(`<[^<>]+>|\[\.\.\.\]`)
)

// longestPath is the most that a connector takes, in characters
// (https://docs.aws.amazon.com/transfer/latest/APIReference/API_StartDirectoryListing.html).
const longestPath = 1024

// longestParameter is the most that Parameter Store takes, in bytes
// (https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html).
const longestParameter = 8192

// checkURL returns the URL as a connector takes it: a host name or address, with a port if it
// is not 22 (https://docs.aws.amazon.com/transfer/latest/userguide/create-sftp-connector-procedure.html).
func checkURL(r *reader, text string) string {
	if text == "" {
		return ""
	}
	wrong := func(format string, args ...any) string {
		r.mistakes.add(r.at("Url"), format, args...)
		return ""
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		rest = text
	} else if !strings.EqualFold(scheme, "sftp") {
		return wrong("a connector talks SFTP, and this is %s: give a host name, or sftp://…", scheme)
	}
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		return wrong("the username belongs into the secret, and not here: leave the part before @ out")
	}
	rest = strings.TrimSuffix(rest, "/")
	if strings.ContainsAny(rest, "/?#") {
		return wrong("a folder has no place here: give it as SyncSettings[].RemoteFolders.Folder")
	}
	host, port := rest, ""
	if address, err := netip.ParseAddr(strings.Trim(rest, "[]")); err == nil {
		host = address.String()
	} else if h, p, err := net.SplitHostPort(rest); err == nil {
		host, port = h, p
		if number, err := strconv.ParseUint(p, 10, 16); err != nil || number == 0 {
			return wrong("the port %q is not a number from 1 to 65535", p)
		}
	}
	address, err := netip.ParseAddr(host)
	if err != nil && (!hostName.MatchString(host) || len(host) > 253) {
		return wrong("%q is neither a host name nor an address", host)
	}
	if err == nil && address.Is6() {
		host = "[" + host + "]"
	}
	if port == "" || port == "22" {
		return "sftp://" + host
	}
	return "sftp://" + host + ":" + port
}

func checkSecurityPolicy(r *reader, text string) string {
	switch {
	case text == "":
		return defaultSecurityPolicy
	case !securityPolicy.MatchString(text) || len(text) > 100:
		r.mistakes.add(r.at("SecurityPolicyName"), "%q is no security policy of a connector: give one like %s", text, defaultSecurityPolicy)
	}
	return text
}

func checkBucket(r *reader, text string) string {
	text = strings.TrimPrefix(text, "s3://")
	if text != "" && (!bucketName.MatchString(text) || strings.Contains(text, "..")) {
		r.mistakes.add(r.at("BucketName"), "%q is not the name of a bucket", text)
	}
	return text
}

// checkPrefix returns a prefix without the slashes at its ends.
func checkPrefix(r *reader, text string) string {
	if problem := pathProblem(text); problem != "" {
		r.mistakes.add(r.at("Prefix"), "%q %s", text, problem)
	}
	if HasDates(text) {
		r.mistakes.add(r.at("Prefix"), "%q has a date, and only remote folders can have one: the date is part of the key as it is part of the remote path", text)
	}
	return strings.Trim(text, "/")
}

func checkKey(r *reader, text string) string {
	place := r.at("KmsKeyArn")
	switch {
	case text == "" || kmsKeyARN.MatchString(text):
	case blank.MatchString(text):
		r.mistakes.add(place, "%s is still to be filled in: give the ARN of the bucket's key, or leave KmsKeyArn out", blank.FindString(text))
	default:
		r.mistakes.add(place, "%q is not the ARN of a key like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted", text)
	}
	return text
}

// checkFolder returns a folder of the server without the slash at its end.
func checkFolder(r *reader, name, text string) string {
	if text == "" {
		return ""
	}
	place := r.at(name)
	if problem := pathProblem(text); problem != "" && text != "." {
		r.mistakes.add(place, "%q %s", text, problem)
	} else if utf8.RuneCountInString(text) > longestPath {
		r.mistakes.add(place, "it has %d characters, and a connector takes %d", utf8.RuneCountInString(text), longestPath)
	}
	for _, placeholder := range anyPlaceholder.FindAllString(text, -1) {
		if datePlaceholders[placeholder] != "" {
			continue
		}
		if meant := didYouMean(placeholder, slices.Collect(maps.Keys(datePlaceholders))); meant != "" {
			r.mistakes.add(place, "%s is no placeholder%s", placeholder, meant)
		}
	}
	return cleanFolder(text)
}

// cleanFolder leaves out the slashes at the end of a path.
func cleanFolder(text string) string {
	if clean := strings.TrimRight(text, "/"); clean != "" || text == "" {
		return clean
	}
	return "/"
}

// pathProblem returns why a path can't be one, as the rest of a sentence; "" if it can.
func pathProblem(text string) string {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "has a character that can't be seen: leave it out"
	}
	for segment := range strings.SplitSeq(strings.Trim(text, "/"), "/") {
		switch {
		case segment == "" && strings.Trim(text, "/") != "":
			return "has an empty segment: write one slash and not two"
		case segment == "." || segment == "..":
			return fmt.Sprintf("has the segment %q, which could lead out of the folder: give the folder that is meant", segment)
		}
	}
	return ""
}

func checkAfter(r *reader, s *Sync) {
	place := r.at("After")
	if s.After.MoveTo == "" || r.mistakes.at(place) {
		return
	}
	to, folder := checkFolder(r, "After", s.After.MoveTo), s.RemoteFolders.Folder
	switch {
	case folder == "":
	case to == folder:
		r.mistakes.add(place, "files would be moved to where they are: give another folder than %s", folder)
	case s.RemoteFolders.Recursive && within(to, folder):
		r.mistakes.add(place, "%s is in the folder %s, so files would be fetched from there again: give a folder outside of it", to, folder)
	}
}

func checkDeletions(r *reader, s *Sync) {
	place := r.at("Deletions")
	switch s.Deletions {
	case "":
	case Keep:
		s.Deletions = ""
	case Mirror:
		if !s.After.IsZero() {
			r.mistakes.add(place, "files are moved or deleted after they were fetched, so a mirror would delete every object: take After or Deletions away")
		}
		if HasDates(s.RemoteFolders.Folder) {
			r.mistakes.add(place, "the folder is another one each day, so a mirror would compare with the wrong one: take Deletions away, or the date")
		}
		if s.MaxDeletions == 0 {
			s.MaxDeletions = defaultMaxDeletions
		}
		return
	default:
		r.mistakes.add(place, `%q is not "keep" or "mirror"`, s.Deletions)
	}
	if s.MaxDeletions != 0 {
		r.mistakes.add(r.at("MaxDeletions"), `without "Deletions": "mirror" nothing is deleted: take it away`)
	}
}

func checkName(r *reader, s *Sync) {
	if s.Name == "" {
		s.Name = nameOf(s)
	} else {
		s.Name = Safe(s.Name, maxName)
	}
	if size := len(s.JSON()); size > longestParameter {
		r.mistakes.add(r.place, "it has %d bytes, and Parameter Store takes %d: give fewer patterns, or several folders", size, longestParameter)
	}
}

// checkUnique notes syncs that are another one again.
func checkUnique(r *reader, syncs []Sync) {
	places, names := map[string]int{}, map[string]int{}
	for i, s := range syncs {
		before, what := places[nameOf(&s)]-1, "copies the same folder to the same place as"
		if before < 0 {
			before, what = names[s.Name]-1, "has the same name as"
		}
		places[nameOf(&s)], names[s.Name] = i+1, i+1
		if before >= 0 && s.RemoteFolders.Folder != "" {
			r.mistakes.add(fmt.Sprintf("SyncSettings[%d]", i), "it %s SyncSettings[%d]: change one of them, or take it away", what, before)
		}
	}
}

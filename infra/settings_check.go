package main

import "fmt"

// complete checks what concerns more than one setting, and fills in what
// follows from others. What is wrong already is not told a second time.
func (s *Settings) complete(answers map[string]answer) []error {
	given := func(name string) bool { return answers[name] != notGiven }
	var problems []error
	problem := func(name, format string, args ...any) {
		problems = append(problems, fmt.Errorf("setting "+name+": "+format, args...))
	}
	if !given("managedBucket") {
		problem("managedBucket", "it is missing: give the bucket to which TRIGGER is uploaded, like digipres-dev1-managed")
	}
	if !given("sftpgoHost") {
		problem("sftpgoHost", "it is missing: give SFTPGo's URL, here or as SFTPGO_HOST in the environment")
	}
	switch {
	case given("sftpgoApiKey") && (given("sftpgoUsername") || given("sftpgoPassword")):
		problem("sftpgoApiKey", "it is given together with a username or a password: take one of the two ways away")
	case given("sftpgoApiKey"):
	case !given("sftpgoUsername"):
		problem("sftpgoUsername", "it is missing: give it, here or as SFTPGO_USERNAME in the environment, or sftpgoApiKey instead")
	case !given("sftpgoPassword"):
		s.SFTPGo.Password = referencePrefix + passwordParameter
	}
	if !given("subnets") && inClear(s.SFTPGo.Host) {
		problem("sftpgoHost", "http shows the password to every network on the way: give https://…, or the subnets of the VPC where SFTPGo is")
	}
	if s.Parameters.AccessKeyPrefix != "" && s.Parameters.AccessKeyPrefix == s.Parameters.SecretKeyPrefix {
		problem("secretKeyPrefix", "it is the same as accessKeyPrefix: a user's two keys need two places")
	}
	if given("subnets") && !given("vpc") && !given("securityGroups") {
		problem("subnets", "they come without a vpc, in which a security group can be made, and without securityGroups: give one of the two")
	}
	if !given("subnets") && (given("vpc") || given("securityGroups")) {
		problem("subnets", "they are missing: a vpc or securityGroups alone put no Lambda anywhere")
	}
	if answers["schedule"] != givenWrong && answers["staleAfterHours"] != givenWrong {
		if err := s.Schedule.complete(given("staleAfterHours")); err != nil {
			problem("staleAfterHours", "%w", err)
		}
	}
	return problems
}

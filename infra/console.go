package main

import "github.com/aws/jsii-runtime-go"

// consoleURL is a page of this region's AWS console.
func consoleURL(names *names, page string) *string {
	return jsii.String("https://" + *names.stack.Region() + ".console.aws.amazon.com/" + page)
}

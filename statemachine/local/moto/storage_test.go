package moto_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
)

func TestConditionalWriteHasOneWinner(t *testing.T) {
	t.Parallel()
	createBucket(t, "contended", nil)
	const writers = 20
	won := make(chan bool, writers)
	for range writers {
		go func() {
			_, err := s3.NewFromConfig(account).PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: aws.String("contended"), Key: aws.String("turn"), IfNoneMatch: aws.String("*"),
			})
			won <- err == nil
		}()
	}
	winners := 0
	for range writers {
		if <-won {
			winners++
		}
	}
	assert.Equal(t, 1, winners)
}

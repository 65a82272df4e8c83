package lambda

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// start runs a function's bootstrap with no other environment variables than
// Lambda's and the deployment's.
func (s *Service) start(fn *function) (*environment, error) {
	// Not the request's context: another invocation may use what this one starts.
	ctx, cancel := context.WithTimeout(context.Background(), initLimit)
	defer cancel()
	role, err := s.assumeRole(ctx, fn)
	if err != nil {
		return nil, err
	}
	output, err := os.OpenFile(filepath.Join(s.config.Logs, "lambda-"+fn.name+".log"),
		os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer output.Close() // The process has its own.

	command := exec.Command(filepath.Join(fn.code, "bootstrap"))
	command.Dir = fn.code
	command.Stdout, command.Stderr = output, output
	command.Env = []string{
		"PATH=/usr/local/bin:/usr/bin/:/bin",
		"LANG=en_US.UTF-8",
		"TZ=:UTC",
		"LAMBDA_TASK_ROOT=" + fn.code,
		"_HANDLER=" + fn.handler,
		"AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023",
		"AWS_LAMBDA_FUNCTION_NAME=" + fn.name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(int(fn.memory)),
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + fn.name,
		"AWS_LAMBDA_LOG_STREAM_NAME=" + fmt.Sprintf("%s/[$LATEST]local", time.Now().UTC().Format("2006/01/02")),
		"AWS_REGION=" + s.config.AWS.Region,
		"AWS_DEFAULT_REGION=" + s.config.AWS.Region,
		"AWS_ENDPOINT_URL=" + s.config.Endpoint,
		"AWS_ACCESS_KEY_ID=" + *role.AccessKeyId,
		"AWS_SECRET_ACCESS_KEY=" + *role.SecretAccessKey,
		"AWS_SESSION_TOKEN=" + *role.SessionToken,
	}
	for name, value := range fn.environment {
		command.Env = append(command.Env, name+"="+value)
	}
	return startEnvironment(fn, command)
}

// assumeRole returns credentials of a function's role, for one process.
func (s *Service) assumeRole(ctx context.Context, fn *function) (*types.Credentials, error) {
	session, err := s.sts.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &fn.role, RoleSessionName: &fn.name})
	if err != nil {
		return nil, fmt.Errorf("assume %s: %w", fn.role, err)
	}
	s.callers.Store(*session.Credentials.AccessKeyId, fn.name)
	return session.Credentials, nil
}

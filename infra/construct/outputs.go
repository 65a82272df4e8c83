package construct

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// Output is a value that the deploy prints, and that programs read by its name.
type Output struct {
	Name, Description string
	Value             *string
}

// NewOutputs has the deploy print the outputs.
func NewOutputs(scope constructs.Construct, outputs []Output) {
	for _, o := range outputs {
		awscdk.NewCfnOutput(scope, &o.Name, &awscdk.CfnOutputProps{Value: o.Value, Description: &o.Description})
	}
}

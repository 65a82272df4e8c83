package connectors

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
)

func (s *Service) startMove(connector *types.DescribedConnector, in request) (any, *Refusal) {
	id := newID()
	return map[string]string{"MoveId": id}, s.enqueue(connector, &task{
		Work: Work{"StartRemoteMove", *connector.ConnectorId, in.SourcePath}, connector: connector, event: "SFTP Connector Remote Move",
		detail: map[string]any{"operation": "MOVE", "move-id": id, "move-source-path": in.SourcePath, "move-target-path": in.TargetPath},
		do: func(_ context.Context, c *connection) (map[string]any, error) {
			return nil, explainSFTP("MOVE", c.sftp.Rename(in.SourcePath, in.TargetPath))
		},
	})
}

func (s *Service) startDelete(connector *types.DescribedConnector, in request) (any, *Refusal) {
	id := newID()
	return map[string]string{"DeleteId": id}, s.enqueue(connector, &task{
		Work: Work{"StartRemoteDelete", *connector.ConnectorId, in.DeletePath}, connector: connector, event: "SFTP Connector Remote Delete",
		detail: map[string]any{"operation": "DELETE", "delete-id": id, "delete-path": in.DeletePath},
		do: func(_ context.Context, c *connection) (map[string]any, error) {
			return nil, explainSFTP("DELETE", c.sftp.Remove(in.DeletePath))
		},
	})
}

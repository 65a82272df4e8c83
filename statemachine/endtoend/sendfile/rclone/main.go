// Command rclone is rclone with the two storages that the benchmark needs.
package main

import (
	_ "github.com/rclone/rclone/backend/s3"
	_ "github.com/rclone/rclone/backend/sftp"
	"github.com/rclone/rclone/cmd"
	_ "github.com/rclone/rclone/cmd/copy"
	_ "github.com/rclone/rclone/cmd/obscure"
)

func main() { cmd.Main() }

using WhiteCross.Sidecar;

return await SidecarCommand.RunAsync(args);

using WhiteCross.MessageCleanup;

await MessageCleanupApp.Create(args).RunAsync();

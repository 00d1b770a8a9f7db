using WhiteCross.MessageIndexing;

await MessageIndexingApp.Create(args).RunAsync();

using WhiteCross.BatchMessageSending;

await BatchMessageSendingApp.Create(args).RunAsync();

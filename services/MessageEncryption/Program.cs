using WhiteCross.MessageEncryption;

await MessageEncryptionApp.Create(args).RunAsync();

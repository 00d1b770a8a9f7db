using WhiteCross.MessageEncryption;
using WhiteCross.ServiceDefaults;

return await ServiceProgram.RunAsync(MessageEncryptionApp.AppId, args, () => MessageEncryptionApp.Create(args));

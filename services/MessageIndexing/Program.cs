using WhiteCross.MessageIndexing;
using WhiteCross.ServiceDefaults;

return await ServiceProgram.RunAsync(MessageIndexingApp.AppId, args, () => MessageIndexingApp.Create(args));

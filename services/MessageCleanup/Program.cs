using WhiteCross.MessageCleanup;
using WhiteCross.ServiceDefaults;

return await ServiceProgram.RunAsync(MessageCleanupApp.AppId, args, () => MessageCleanupApp.Create(args));

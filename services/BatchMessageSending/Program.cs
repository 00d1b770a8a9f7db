using WhiteCross.BatchMessageSending;
using WhiteCross.ServiceDefaults;

return await ServiceProgram.RunAsync(BatchMessageSendingApp.AppId, args, () => BatchMessageSendingApp.Create(args));

using WhiteCross.MessageNotification;
using WhiteCross.ServiceDefaults;

return await ServiceProgram.RunAsync(MessageNotificationApp.AppId, args, () => MessageNotificationApp.Create(args));

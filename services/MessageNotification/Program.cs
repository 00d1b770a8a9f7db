using WhiteCross.MessageNotification;

await MessageNotificationApp.Create(args).RunAsync();

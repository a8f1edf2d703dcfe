import type { StatusTexts } from './status-texts'

/** The words are those of Algeria: المتعامل for a network operator, التعبئة for a top-up. */
export const ar: StatusTexts = {
  brand: 'رصيد',
  languages: 'اللغة',
  states: {
    queued: {
      heading: 'استلمنا الطلب',
      sentence: 'وصلنا طلب التعبئة، ولا توجد نتيجة بعد.',
      next: 'يستغرق ذلك عادةً أقل من دقيقة.',
      operatorStep: 'لدى المتعامل',
      resultStep: 'النتيجة',
    },
    sending: {
      heading: 'التعبئة جارية',
      sentence: 'الطلب الآن لدى المتعامل، ولا توجد نتيجة بعد.',
      next: 'يصل الجواب عادةً في أقل من دقيقة.',
      operatorStep: 'جارٍ إرسال الرصيد',
      resultStep: 'النتيجة',
    },
    sent: {
      heading: 'تم إرسال الرصيد',
      sentence: 'أُرسل الرصيد إلى هذا الرقم.',
      next: 'إذا لم تجده في رصيدك، فاعرض هذه الصفحة على المتجر.',
      operatorStep: 'لدى المتعامل',
      resultStep: 'أُرسل الرصيد',
    },
    refunded: {
      heading: 'لم تتم التعبئة',
      sentence: 'لم تنجح عملية التعبئة، وعاد المبلغ إلى حساب المتجر.',
      next: 'اطلب من المتجر إعادة المحاولة أو أن يردّ لك ما دفعته.',
      operatorStep: 'لم تنجح العملية',
      resultStep: 'عاد المبلغ إلى المتجر',
    },
    unknown: {
      heading: 'لا توجد نتيجة بعد',
      sentence: 'مالك في أمان: لم يُحسم الأمر بعد. إما أن يصل الرصيد، وإما أن يعود المبلغ إلى حساب المتجر.',
      next: 'لا تطلب تعبئة ثانية في هذه الأثناء، فقد تصل الأولى.',
      operatorStep: 'لا جواب واضح حتى الآن',
      resultStep: 'النتيجة',
    },
  },
  late: 'استغرق الأمر وقتًا أطول من المعتاد، وما زلنا نتابعه. لا تطلب تعبئة ثانية، فقد تصل الأولى.',
  nextLook: {
    at: (time) => `سنتحقق من جديد على الساعة ${time}.`,
    on: (date, time) => `سنتحقق من جديد يوم ${date} على الساعة ${time}.`,
    soon: 'سنتحقق من جديد بعد لحظات.',
    undated: 'ما زلنا نتابع الأمر.',
  },
  labels: { number: 'الرقم', amount: 'المبلغ', date: 'تاريخ الطلب' },
  timeline: 'المراحل',
  askedStep: 'تقديم الطلب',
  acceptedStep: 'قبول الطلب',
  marks: { done: 'تمّ', now: 'جارٍ', later: 'لاحقًا', doubt: 'غير معروف', failed: 'لم ينجح' },
  dateAndTime: (date, time) => `${date}، ${time}`,
  reason: 'السبب المذكور',
  offers: 'عروض يقبلها هذا الرقم',
  offersHint: 'اطلب أحدها من المتجر.',
  keep: {
    heading: 'احتفظ بهذه الصفحة',
    scan: 'امسح الرمز لفتح هذه الصفحة على هاتف.',
    print: 'طباعة',
  },
  asOf: (dateAndTime) => `الوضع في ${dateAndTime}.`,
  refreshes: 'تتحدّث هذه الصفحة تلقائيًا.',
  unknownLink: {
    heading: 'الرابط غير موجود',
    sentence: 'لا نعرف أي عملية تعبئة بهذا الرابط.',
    next: 'تأكد من فتح الرابط كاملًا، أو اطلبه من المتجر مرة أخرى.',
  },
}
